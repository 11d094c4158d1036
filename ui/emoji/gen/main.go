// Command gen makes ui/emoji/table.txt from the data of Unicode: emoji-test.txt
// (order, groups, skin tones) and the CLDR's annotations (names and words in
// English and German). Debian has them in unicode-data and unicode-cldr-core.
package main

import (
	"bufio"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	root := flag.String("unicode", "/usr/share/unicode", "the folder with emoji/emoji-test.txt and cldr/common")
	out := flag.String("out", "ui/emoji/table.txt", "the table to write")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

type entry struct {
	group, text string
	tones       bool
}

func run(root, out string) error {
	all, err := order(filepath.Join(root, "emoji", "emoji-test.txt"))
	if err != nil {
		return err
	}
	var words [2]map[string][2]string
	for i, lang := range []string{"en", "de"} {
		words[i] = map[string][2]string{}
		for _, dir := range []string{"annotations", "annotationsDerived"} {
			if err := annotations(filepath.Join(root, "cldr", "common", dir, lang+".xml"), words[i]); err != nil {
				return err
			}
		}
	}
	var b strings.Builder
	b.WriteString("# Made by .ci/generate from Unicode's emoji-test.txt and CLDR annotations,\n" +
		"# © Unicode, Inc., https://www.unicode.org/license.txt. Columns: emoji, + when it\n" +
		"# has skin tones, English name, English words, German name, German words.\n")
	group := ""
	for _, e := range all {
		if e.group != group {
			group = e.group
			fmt.Fprintf(&b, "= %s\n", group)
		}
		bare := strings.ReplaceAll(e.text, "\ufe0f", "")
		en, de := words[0][bare], words[1][bare]
		if en[0] == "" || e.text[0] < 0x80 {
			continue // newer than the names, or a digit in a box
		}
		tones := ""
		if e.tones {
			tones = "+"
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t%s\n", e.text, tones, en[0], besides(en), de[0], besides(de))
	}
	return os.WriteFile(out, []byte(b.String()), 0o644)
}

// order reads the emoji in their order, those with a skin tone left out.
func order(path string) ([]entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	var out []entry
	toned := map[string]bool{}
	group := ""
	in := bufio.NewScanner(f)
	for in.Scan() {
		line := in.Text()
		if g, ok := strings.CutPrefix(line, "# group: "); ok {
			group = g
		}
		codes, rest, ok := strings.Cut(line, ";")
		if !ok || strings.HasPrefix(line, "#") || !strings.HasPrefix(strings.TrimSpace(rest), "fully-qualified") || group == "Component" {
			continue
		}
		var text []rune
		for _, c := range strings.Fields(codes) {
			n, err := strconv.ParseUint(c, 16, 32)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
			text = append(text, rune(n))
		}
		if slices.ContainsFunc(text, tone) {
			toned[string(text)] = true
			continue
		}
		out = append(out, entry{group: group, text: string(text)})
	}
	for i := range out { // in the same way as package emoji adds a tone
		out[i].tones = toned[withTone(out[i].text, 0x1f3fb)]
	}
	return out, in.Err()
}

// besides is the words that the name does not hold already.
func besides(w [2]string) string {
	var keep []string
	for _, k := range strings.Split(w[1], "|") {
		if !strings.Contains(" "+strings.ToLower(w[0]), " "+strings.ToLower(k)) {
			keep = append(keep, k)
		}
	}
	return strings.Join(keep, "|")
}

func tone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// withTone adds a skin tone behind the first sign; a sign of variation gives way.
func withTone(s string, t rune) string {
	r := []rune(s)
	rest := r[1:]
	if len(rest) > 0 && rest[0] == 0xfe0f {
		rest = rest[1:]
	}
	return string(r[0]) + string(t) + string(rest)
}

// annotations reads names and words of one file; what comes first stays.
func annotations(path string, into map[string][2]string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var doc struct {
		All []struct {
			CP   string `xml:"cp,attr"`
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"annotations>annotation"`
	}
	if err := xml.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, a := range doc.All {
		bare := strings.ReplaceAll(a.CP, "\ufe0f", "")
		w := into[bare]
		text := strings.TrimSpace(a.Text)
		if a.Type == "tts" {
			w[0] = text
			into[bare] = w
			continue
		}
		var keep []string
		for _, k := range strings.Split(text, "|") {
			keep = append(keep, strings.TrimSpace(k))
		}
		w[1] = strings.Join(keep, "|")
		into[bare] = w
	}
	return nil
}
