"""Networks: each module's `create` makes the Brian2 objects of one structure."""
