// Command referrers is a registry in memory that has the referrers API, which distribution has not.
//
// usage: referrers ADDRESS [CERTIFICATE KEY]
package main

import (
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 2 && len(os.Args) != 4 {
		log.Fatal("usage: referrers ADDRESS [CERTIFICATE KEY]")
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	handler := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(os.Stderr, "", 0)))
	if len(os.Args) == 4 {
		err = http.ServeTLS(listener, handler, os.Args[2], os.Args[3])
	} else {
		err = http.Serve(listener, handler)
	}
	log.Fatal(err)
}
