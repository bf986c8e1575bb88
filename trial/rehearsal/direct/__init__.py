"""The trial through its services alone: what each address of its pages does, and what it asks, without a page."""
