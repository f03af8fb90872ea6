"""What can be wrong once names have values and tensors have shapes; a file for each thing that is worked out."""
