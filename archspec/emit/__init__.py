"""Graph to source: one class a module, the model's open parameters as arguments of its constructor.

Assumes a graph, and a target that knows the framework. Guarantees a text that is the same for the same graph, that is
formatted, typed and free of the compiler, and that computes what the graph says with the same keys, for each case that
its constructor accepts. What is lifted, shared or rolled up is checked by value: where an expression is lost, a file is
less readable and never wrong.
"""
