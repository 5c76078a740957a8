-- +goose Up
-- compatible: no, the version before treats guests as members
-- What a person may do in an organization, and the organization whose owners and
-- administrators administer the server: the only one there is, or none yet.
ALTER TABLE organization_member ADD COLUMN role ctext NOT NULL DEFAULT 'member';
ALTER TABLE organization ADD COLUMN main BIGINT NOT NULL DEFAULT 0;
UPDATE organization SET main = 1 WHERE (SELECT COUNT(*) FROM organization) = 1;
CREATE UNIQUE INDEX organization_main ON organization (main) WHERE main = 1;

-- Members whose organization opens them to each other. A guest is in an organization
-- without being a colleague of anybody. Queries about relations read this, never
-- organization_member.
CREATE VIEW colleague AS SELECT organization, account, place FROM organization_member WHERE role <> 'guest';
CREATE INDEX organization_member_role ON organization_member (organization, role, account) WHERE role <> 'member';

-- A page of a directory reads the places of colleagues alone.
DROP INDEX organization_member_place;
CREATE INDEX organization_member_place ON organization_member (organization, place, account) WHERE place <> '' AND role <> 'guest';
