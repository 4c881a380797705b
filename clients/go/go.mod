module otp-service.example/clients/go

go 1.23

require (
	github.com/golang-jwt/jwt/v5 v5.3.1
	golang.org/x/text v0.21.0
)
