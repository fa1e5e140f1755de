"""The search: one declaration of its parameters, and one door to it (``query.Search``)."""
