"""How much of it there may be: requests of one client, requests in hand, connections."""
