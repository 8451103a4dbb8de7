package dwollatest

// The states of the certification of a business' owners.
const (
	uncertified = "uncertified"
	certified   = "certified"
	recertify   = "recertify"
)

type beneficialOwner struct{}

// certify marks the owners of a business as certified.
func (k *customer) certify() {
	if k.ownership != "" {
		k.ownership = certified
	}
}
