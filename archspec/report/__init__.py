"""What a model costs, counted on the graph without running anything."""
