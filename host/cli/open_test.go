package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"switchboard/host/app"
	"switchboard/shared/model"
)

// second is a start of the program with a profile that another host has.
func second(t *testing.T, args ...string) (code int, errs string) {
	t.Helper()
	var b bytes.Buffer
	code = Run(t.Context(), args, Program{Out: io.Discard, Err: &b, In: strings.NewReader(""),
		Show: func(context.Context, *app.App, Window, func() error) int {
			t.Error("a second window")
			return ExitFailed
		}})
	return code, b.String()
}

// TestSecondStart: it raises the window of the first and says what to show there.
func TestSecondStart(t *testing.T) {
	t.Setenv("XDG_ACTIVATION_TOKEN", "")
	t.Setenv("DESKTOP_STARTUP_ID", "launcher-1_TIME77")
	profile := t.TempDir()
	const link = "switchboard://h:1/lab#k=x"
	var errs bytes.Buffer
	code := Run(t.Context(), []string{"--profile", profile, link}, Program{Out: io.Discard, Err: &errs, In: strings.NewReader(""),
		Show: func(_ context.Context, a *app.App, _ Window, end func() error) int {
			next := func(what string, want model.Raise) {
				t.Helper()
				select {
				case r := <-a.Raises():
					if r != want {
						t.Errorf("%s: asked for %+v", what, r)
					}
				default:
					t.Errorf("%s: nothing was asked for", what)
				}
			}
			token := "launcher-1_TIME77"
			next("its own link", model.Raise{Link: link, Token: token})
			if code, errs := second(t, "--profile", profile); code != ExitOK || errs != "" {
				t.Errorf("a second start: %d, %s", code, errs)
			}
			next("a second start", model.Raise{Token: token})
			if code, errs := second(t, "--profile", profile, "open", link); code != ExitOK || errs != "" {
				t.Errorf("open a link: %d, %s", code, errs)
			}
			next("open a link", model.Raise{Link: link, Token: token})
			if code, errs := second(t, "--profile", profile, "--background"); code != ExitOK || errs != "" {
				t.Errorf("in the background: %d, %s", code, errs)
			}
			if code, errs := second(t, "--profile", profile, "open", "nobody"); code != ExitFailed || !strings.Contains(errs, "no conversation with nobody") {
				t.Errorf("open nobody: %d, %s", code, errs)
			}
			if n := len(a.Raises()); n != 0 {
				t.Errorf("%d more wishes", n)
			}
			if err := end(); err != nil {
				t.Error(err)
			}
			return ExitOK
		}})
	if code != ExitOK || errs.Len() > 0 {
		t.Errorf("the first start: %d, %s", code, &errs)
	}
}

// TestSecondStartBesideOneWithoutAWindow: a clear sentence says why nothing shows.
func TestSecondStartBesideOneWithoutAWindow(t *testing.T) {
	profile := t.TempDir()
	a, err := app.New(t.Context(), app.Options{Profile: profile, Headless: true})
	if err != nil {
		t.Fatal(err)
	}
	code, errs := second(t, "--profile", profile)
	if code != ExitFailed || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "runs without") || !strings.Contains(errs, profile) {
		t.Errorf("%d: %s", code, errs)
	}
	if code, errs := second(t, "--profile", profile, "--headless"); code != ExitFailed || !strings.Contains(errs, "in use") {
		t.Errorf("without a window itself: %d: %s", code, errs)
	}
	if err := a.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestOpenUsage(t *testing.T) {
	for _, args := range [][]string{{"frobnicate"}, {"https://example.org"}, {"switchboard://a", "switchboard://b"}, {"open", "a", "b"}} {
		if code, errs := second(t, append([]string{"--profile", t.TempDir()}, args...)...); code != ExitUsage || errs == "" {
			t.Errorf("%v: %d: %s", args, code, errs)
		}
	}
}
