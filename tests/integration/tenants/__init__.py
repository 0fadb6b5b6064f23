"""The tenants service on a real database, spoken to as the gateway would."""
