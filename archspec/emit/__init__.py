"""From the graph to source: classes, constructor arguments, statements, laid out as a formatter would."""
