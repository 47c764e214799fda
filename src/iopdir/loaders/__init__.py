"""One public source a file: path in, directory out."""
