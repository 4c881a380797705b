module otp-service.example/verifiers

go 1.23

require otp-service.example/clients/go v0.0.0

require (
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	golang.org/x/text v0.21.0 // indirect
)

replace otp-service.example/clients/go => ../../../../clients/go
