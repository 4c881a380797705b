// Asks the Go package of this project, which uses golang-jwt, about proofs.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	otpproof "otp-service.example/clients/go"
)

type proofCase struct {
	Name, Proof, Purpose, PhoneNumber, Application string
	Transaction                                    *otpproof.Transaction
}

func main() {
	var asked struct {
		JwksURL, Audience string
		Cases             []proofCase
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	verifier, err := otpproof.New(otpproof.Config{JWKSURL: asked.JwksURL, Audience: asked.Audience})
	if err != nil {
		log.Fatal(err)
	}
	verdicts := map[string]string{}
	for _, each := range asked.Cases {
		verdicts[each.Name] = "accepted"
		expected := otpproof.Expected{
			Purpose: each.Purpose, PhoneNumber: each.PhoneNumber, Application: each.Application, Transaction: each.Transaction,
		}
		if _, err := verifier.Verify(context.Background(), each.Proof, expected); err != nil {
			verdicts[each.Name] = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"golang-jwt": verdicts}); err != nil {
		log.Fatal(err)
	}
}
