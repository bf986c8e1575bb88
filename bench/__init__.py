"""One command per benchmark; `python -m bench` runs all of them and writes the figures into bench/README.md."""
