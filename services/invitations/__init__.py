"""Who is asked to join which tenant, and what became of it."""
