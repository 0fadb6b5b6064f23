"""All SQL of this service, by table; every statement names the tenant of its transaction."""
