package webhook_test

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"
	"sync"
)

// independentSign returns the HMAC-SHA-256 in hex, written from RFC 2104 and FIPS 180-4 without crypto/hmac and
// crypto/sha256. The tests compare the package with it.
func independentSign(secret string, body []byte) string {
	var key [64]byte
	if len(secret) > len(key) {
		digest := independentSHA256([]byte(secret))
		copy(key[:], digest[:])
	} else {
		copy(key[:], secret)
	}
	var inner, outer []byte
	for _, k := range key {
		inner, outer = append(inner, k^0x36), append(outer, k^0x5c)
	}
	first := independentSHA256(append(inner, body...))
	second := independentSHA256(append(outer, first[:]...))
	return hex.EncodeToString(second[:])
}

func independentSHA256(message []byte) [32]byte {
	start := independentConstants()
	state, constants := start.state, start.constants
	padded := append(append([]byte(nil), message...), 0x80)
	for len(padded)%64 != 56 {
		padded = append(padded, 0)
	}
	padded = binary.BigEndian.AppendUint64(padded, uint64(len(message))*8)
	for ; len(padded) > 0; padded = padded[64:] {
		state = independentBlock(state, constants, padded[:64])
	}
	var digest [32]byte
	for i, word := range state {
		binary.BigEndian.PutUint32(digest[4*i:], word)
	}
	return digest
}

func independentBlock(state [8]uint32, constants [64]uint32, block []byte) [8]uint32 {
	var w [64]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(block[4*i:])
	}
	for i := 16; i < 64; i++ {
		s0 := rotr(w[i-15], 7) ^ rotr(w[i-15], 18) ^ w[i-15]>>3
		s1 := rotr(w[i-2], 17) ^ rotr(w[i-2], 19) ^ w[i-2]>>10
		w[i] = w[i-16] + s0 + w[i-7] + s1
	}
	a, b, c, d, e, f, g, h := state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
	for i := range 64 {
		s1 := rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)
		t1 := h + s1 + (e&f ^ ^e&g) + constants[i] + w[i]
		s0 := rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)
		t2 := s0 + (a&b ^ a&c ^ b&c)
		a, b, c, d, e, f, g, h = t1+t2, a, b, c, d+t1, e, f, g
	}
	for i, word := range [8]uint32{a, b, c, d, e, f, g, h} {
		state[i] += word
	}
	return state
}

func rotr(x uint32, n int) uint32 { return bits.RotateLeft32(x, -n) }

// constants are the fractional parts of the roots of the first primes, as FIPS 180-4 defines them.
type constants struct {
	state     [8]uint32
	constants [64]uint32
}

var independentConstants = sync.OnceValue(func() (c constants) {
	n := 0
	for p := 2; n < len(c.constants); p++ {
		prime := true
		for q := 2; q*q <= p; q++ {
			prime = prime && p%q != 0
		}
		if !prime {
			continue
		}
		if n < len(c.state) {
			c.state[n] = fraction(math.Sqrt(float64(p)))
		}
		c.constants[n] = fraction(math.Cbrt(float64(p)))
		n++
	}
	return c
})

func fraction(x float64) uint32 { return uint32((x - math.Floor(x)) * (1 << 32)) }
