"""What a primitive op is made of: arguments, types, initialisers, faults, and the code it is emitted as."""
