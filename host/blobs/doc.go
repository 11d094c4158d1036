// Package blobs keeps content by its hash: a cache in one folder, the queue of
// what still has to be given to the network, and fetching what is not here. It
// owns that folder. Whatever comes from the network is bounded and believed only
// when it has the hash that was asked for. It knows neither sessions nor people
// nor what the content means.
package blobs
