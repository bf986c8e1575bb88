"""Mixed models for repeated measures: outcomes at several timepoints of everyone who has any of them."""
