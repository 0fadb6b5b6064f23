-- Part of the replica of the tenants service.
ALTER TABLE tenants ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
