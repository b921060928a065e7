//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An administrator sees who is in, signs an agent out while their page is open, gives a new password, and finds all of it
// in the audit.
func TestAnAdministratorSignsAnAgentOutAndTheAuditSaysSo(t *testing.T) {
	h := ownWith(t, nil, "", "admin", "lina", "huangmei")
	agent := h.Browse(t, 0)
	agent.SignIn("lina", "/desk")
	agent.See("ready")

	admin := h.Browse(t, 0)
	admin.SignIn("admin", "/administration?lang=en")
	admin.See("audit-sign-in")
	admin.Eventually("account-lina-now", "one browser", func(s string) bool { return strings.Contains(s, "1") })
	admin.Click("account-lina-out")
	admin.Click("account-lina-sure")
	agent.See("login-form")
	admin.See("audit-sessions-ended")

	admin.Click("account-lina-password")
	admin.Click("account-lina-sure")
	admin.See("new-password")
	require.Regexp(t, `^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$`, admin.Text("new-password"))
	admin.See("audit-password-set")
	admin.picture("en", "administration")

	admin.Go("/administration?lang=zh&person=huangmei")
	admin.See("account-huangmei")
	admin.SeeNot("audit-password-set")
	admin.Go("/administration?lang=zh")
	admin.See("audit-password-set")
	admin.picture("zh", "administration")
}
