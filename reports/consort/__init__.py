"""What CONSORT 2025 and its relatives ask of a report: where each thing stands, and what only a person can write."""
