package payout

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// keyVersion changes if what a key is made of does: then two versions of this package would pay a chunk twice.
const keyVersion = "payout-key-1"

// chunkKey is the idempotency key of a chunk, a UUID of version 8. It depends on what is paid and on nothing else, so that
// a second record of the batch, or one that was lost and made again, repeats the request instead of making another. A
// person raises the generation to have the chunk sent again.
func chunkKey(batch, source string, number int, digest string, generation int) string {
	b := appendText(nil, keyVersion)
	b = appendText(b, batch)
	b = appendText(b, fundingSourceID(source))
	b = binary.AppendUvarint(b, uint64(number))
	b = appendText(b, digest)
	b = binary.AppendUvarint(b, uint64(generation))
	sum := sha256.Sum256(b)
	u := sum[:16]
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	x := hex.EncodeToString(u)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
