package app

import "testing"

func TestLocaleIsOfTheSettingThenOfTheEnvironment(t *testing.T) {
	for _, c := range []struct{ setting, all, lang, want string }{
		{"system", "", "de_DE.UTF-8", "de-DE"},
		{"", "", "de_AT@euro", "de-AT"},
		{"system", "C.UTF-8", "de_DE.UTF-8", "en"},
		{"system", "", "", "en"},
		{"de", "C", "en_US.UTF-8", "de"},
		{"en", "", "de_DE.UTF-8", "en"},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANG", c.lang)
		if got := locale(c.setting); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}
