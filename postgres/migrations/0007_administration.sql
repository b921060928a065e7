-- +goose Up
ALTER TABLE audit DROP CONSTRAINT audit_act_check, ADD CONSTRAINT audit_act_check CHECK (act IN
    ('sign-in', 'sign-in-refused', 'sign-out', 'recording-played', 'user-changed', 'user-disabled', 'password-set',
     'access-refused', 'agent-overruled', 'callback-cancelled', 'announcement-switched', 'sessions-ended'));

-- Somebody's last sign-in, and what somebody did.
CREATE INDEX audit_login ON audit (login, act, at);

-- +goose Down
DROP INDEX audit_login;
ALTER TABLE audit DROP CONSTRAINT audit_act_check, ADD CONSTRAINT audit_act_check CHECK (act IN
    ('sign-in', 'sign-in-refused', 'sign-out', 'recording-played', 'user-changed', 'user-disabled', 'password-set',
     'access-refused', 'agent-overruled', 'callback-cancelled', 'announcement-switched')) NOT VALID;
