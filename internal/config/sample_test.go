package config

import (
	"strings"
	"testing"

	"hotline/configs"
)

func TestSampleCentreIsRight(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if !Check("../../configs/hotline.yaml", &out) {
		t.Fatal(out.String())
	}
	c, err := LoadFS(configs.Files, "hotline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.ACDAgents(); len(got) != 8 || got[0].ID != "lina" {
		t.Fatalf("agents %v", got)
	}
	if got := c.ACDQueues(); len(got) != 3 || got[0].ID != "consult" {
		t.Fatalf("queues %v", got)
	}
	t.Log(out.String())
}
