"""The customers: who they are, whether they are let in, and which e-mail domains are theirs."""
