package main

import (
	"fmt"
	"slices"
	"strings"
)

// meant is a question for somebody who mistyped a word: the known one that is
// nearest, if it is near, with what stands before it.
func meant(typed string, known []string, before string) string {
	best, least := "", max(len(typed)/3, 1)+1
	typed = strings.ToLower(typed)
	for _, word := range known {
		if d := distance(typed, word); d < least {
			best, least = word, d
		}
	}
	for _, word := range known { // or the first that it begins
		if best == "" && len(typed) > 1 && strings.HasPrefix(word, typed) {
			best = word
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", before+best)
}

// distance is how many letters must be put in, left out or changed to make one
// word of another; two that changed places count as one.
func distance(a, b string) int {
	before, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = slices.Min([]int{change, row[j+1] + 1, next[j] + 1})
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
