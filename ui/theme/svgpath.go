package theme

import (
	"fmt"
	"math"
	"strconv"

	"gioui.org/f32"
)

// Bounds of a plugin's icon.
const (
	maxIconBytes    = 8 << 10
	maxIconSegments = 1000
	iconUnits       = 24
)

// ParseIcon reads SVG path data drawn on 24 units. Everything outside -24..48,
// not finite or too long is refused: a path can otherwise cost any amount of
// drawing.
func ParseIcon(path string) (*Icon, error) {
	if len(path) > maxIconBytes {
		return nil, fmt.Errorf("icon: path data of %d bytes, at most %d are allowed", len(path), maxIconBytes)
	}
	p := pathParser{in: path}
	p.scale = 1.0 / iconUnits
	if err := p.run(); err != nil {
		return nil, fmt.Errorf("icon: at byte %d: %w", p.at, err)
	}
	return &Icon{segs: p.segs}, nil
}

type pathParser struct {
	pen
	in string
	at int
}

// arguments is how many numbers each command takes.
var arguments = map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'S': 4, 'Q': 4, 'T': 2, 'A': 7, 'Z': 0}

func (p *pathParser) run() error {
	var cmd byte
	for first := true; ; first = false {
		p.skip()
		if p.at >= len(p.in) {
			if first {
				return fmt.Errorf("empty")
			}
			return nil
		}
		if c := p.in[p.at]; c >= 'A' && c != 'e' && c != 'E' {
			cmd = c
			p.at++
		} else if cmd == 'Z' || cmd == 'z' || cmd == 0 {
			return fmt.Errorf("a command is expected")
		}
		upper := cmd &^ 0x20
		n, ok := arguments[upper]
		if !ok {
			return fmt.Errorf("unknown command %q", cmd)
		}
		if first && upper != 'M' {
			return fmt.Errorf("a path begins with M")
		}
		var a [7]float32
		for i := range n {
			v, err := p.number(upper == 'A' && (i == 3 || i == 4))
			if err != nil {
				return err
			}
			a[i] = v
		}
		if err := p.draw(upper, cmd >= 'a', a); err != nil {
			return err
		}
		if upper == 'M' { // further pairs are lines
			cmd--
		}
	}
}

func (p *pathParser) draw(cmd byte, relative bool, a [7]float32) error {
	var base f32.Point
	if relative {
		base = p.cur
	}
	at := func(i int) f32.Point { return base.Add(f32.Pt(a[i], a[i+1])) }
	switch cmd {
	case 'M':
		p.move(at(0))
	case 'L':
		p.line(at(0))
	case 'H':
		p.line(f32.Pt(base.X+a[0], p.cur.Y))
	case 'V':
		p.line(f32.Pt(p.cur.X, base.Y+a[0]))
	case 'C':
		p.cube(at(0), at(2), at(4))
	case 'S':
		p.cube(p.smooth('C'), at(0), at(2))
	case 'Q':
		p.quad(at(0), at(2))
	case 'T':
		p.quad(p.smooth('Q'), at(0))
	case 'A':
		p.arc(a[0], a[1], a[2]/360, a[3] != 0, a[4] != 0, at(5))
	case 'Z':
		p.close()
	}
	if len(p.segs) > maxIconSegments {
		return fmt.Errorf("more than %d segments", maxIconSegments)
	}
	if c := p.cur; c.X < -iconUnits || c.Y < -iconUnits || c.X > 2*iconUnits || c.Y > 2*iconUnits {
		return fmt.Errorf("the path leaves its square of %d units", iconUnits)
	}
	return nil
}

func (p *pathParser) skip() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ', '\t', '\n', '\r', ',':
			p.at++
		default:
			return
		}
	}
}

// number reads one number; a flag is a single 0 or 1, and may touch the next.
func (p *pathParser) number(flag bool) (float32, error) {
	p.skip()
	start := p.at
	if flag {
		if p.at < len(p.in) && (p.in[p.at] == '0' || p.in[p.at] == '1') {
			p.at++
			return float32(p.in[start] - '0'), nil
		}
		return 0, fmt.Errorf("a flag is expected")
	}
	if p.at < len(p.in) && (p.in[p.at] == '-' || p.in[p.at] == '+') {
		p.at++
	}
	dot := false
	for p.at < len(p.in) {
		c := p.in[p.at]
		switch {
		case c >= '0' && c <= '9':
		case c == '.' && !dot:
			dot = true
		case (c == 'e' || c == 'E') && p.at > start:
			if p.at+1 < len(p.in) && (p.in[p.at+1] == '-' || p.in[p.at+1] == '+') {
				p.at++
			}
			dot = true
		default:
			return p.convert(start)
		}
		p.at++
	}
	return p.convert(start)
}

func (p *pathParser) convert(start int) (float32, error) {
	v, err := strconv.ParseFloat(p.in[start:p.at], 32)
	if err != nil || math.IsNaN(v) || math.Abs(v) > 1000 {
		return 0, fmt.Errorf("a number is expected")
	}
	return float32(v), nil
}
