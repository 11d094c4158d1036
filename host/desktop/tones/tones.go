// Package tones makes the program's own sounds, the same samples every time, from
// a few sine waves. It knows no audio device and not when a sound is played.
package tones

import "math"

// Rate is samples a second, of one channel.
const Rate = 44100

// Names of the sounds.
const (
	Message = "message" // somebody wrote: two notes, rising
	Offer   = "offer"   // somebody asks me to join: three, the last one longer
	SignIn  = "signin"  // a contact came online: one, low
)

// note is a tone with its harmonics dying away.
type note struct {
	hertz, begin, length float64 // seconds
}

var scores = map[string][]note{
	Message: {{659.26, 0, 0.16}, {880, 0.09, 0.30}},
	Offer:   {{587.33, 0, 0.18}, {739.99, 0.14, 0.18}, {880, 0.28, 0.45}},
	SignIn:  {{523.25, 0, 0.32}},
}

// Pitch is the note that a sound ends on, in hertz; 0 for a name that is none.
func Pitch(name string) float64 {
	score := scores[name]
	if len(score) == 0 {
		return 0
	}
	return score[len(score)-1].hertz
}

// peak is how loud a note gets, of 1: soft beside speech.
const peak = 0.22

// Samples are a sound as signed 16-bit samples, less than a second of them; nil
// for a name that is none.
func Samples(name string) []int16 {
	var end float64
	for _, n := range scores[name] {
		end = max(end, n.begin+n.length)
	}
	mixed := make([]float64, int(end*Rate))
	for _, n := range scores[name] {
		for i := range int(n.length * Rate) {
			t := float64(i) / Rate
			rise := min(t/0.008, 1)                 // no click at the beginning
			fall := min((n.length-t)/0.02, 1)       // nor at the end
			decay := math.Exp(-5 * t / n.length)    // like something struck
			wave := math.Sin(2*math.Pi*n.hertz*t) + // a little of the octave above
				0.18*math.Sin(4*math.Pi*n.hertz*t)*decay
			if at := int(n.begin*Rate) + i; at < len(mixed) {
				mixed[at] += peak * rise * fall * decay * wave
			}
		}
	}
	var out []int16
	for _, v := range mixed {
		out = append(out, int16(math.Round(32767*max(-1, min(1, v)))))
	}
	return out
}
