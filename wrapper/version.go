package dwolla

// Version is the version of this package, part of the User-Agent.
const Version = "0.1.0"
