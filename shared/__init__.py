"""Mechanism and contracts that every service builds on; no rule and no table of the product."""
