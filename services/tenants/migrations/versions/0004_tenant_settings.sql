-- What a tenant has settled for itself; what is not in it is as the installation has it.
ALTER TABLE tenants ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
