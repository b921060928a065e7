-- +goose Up

-- An edit that was typed while the archive was away, and applied when it was back. Nobody is in conflict with an own one.
ALTER TABLE ticket_changes ADD delayed boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE ticket_changes DROP delayed;
