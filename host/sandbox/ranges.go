package sandbox

import "slices"

// ranges joins neighbouring numbers: [1 2 3 7] is [1 3] [7 7].
func ranges(numbers []uint32) [][2]uint32 {
	sorted := slices.Clone(numbers)
	slices.Sort(sorted)
	var out [][2]uint32
	for _, n := range sorted {
		if last := len(out) - 1; last >= 0 && n <= out[last][1]+1 {
			out[last][1] = n
			continue
		}
		out = append(out, [2]uint32{n, n})
	}
	return out
}
