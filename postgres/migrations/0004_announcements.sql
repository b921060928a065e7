-- +goose Up
ALTER TABLE audit DROP CONSTRAINT audit_act_check, ADD CONSTRAINT audit_act_check CHECK (act IN
    ('sign-in', 'sign-in-refused', 'sign-out', 'recording-played', 'user-changed', 'user-disabled', 'password-set',
     'access-refused', 'agent-overruled', 'callback-cancelled', 'announcement-switched'));

-- +goose Down
ALTER TABLE audit DROP CONSTRAINT audit_act_check, ADD CONSTRAINT audit_act_check CHECK (act IN
    ('sign-in', 'sign-in-refused', 'sign-out', 'recording-played', 'user-changed', 'user-disabled', 'password-set',
     'access-refused', 'agent-overruled', 'callback-cancelled')) NOT VALID;
