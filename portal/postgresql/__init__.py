"""PostgreSQL as Django has it, with patience that ends."""
