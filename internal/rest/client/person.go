package client

import "parley/internal/chat"

// Person is an account as another one sees it, in every answer of the client API.
// It is exported because huma describes no embedded type that is not.
type Person struct {
	ID        chat.AccountID `json:"id"`
	Name      string         `json:"name"`
	Avatar    string         `json:"avatar" doc:"Address of a picture, or empty"`
	Email     string         `json:"email" doc:"Empty if there is none"`
	Initial   string         `json:"initial" doc:"Letter under which a directory lists the name: A to Z, or #" example:"A"`
	IsContact bool           `json:"isContact" doc:"Whether the caller may write to them"`
	IsFriend  bool           `json:"isFriend"`
	Active    bool           `json:"active" doc:"False: the person cannot sign in"`
}

func showPerson(p chat.Person) Person {
	return Person{
		ID: p.ID, Name: p.Name, Avatar: p.Avatar, Email: p.Email, Initial: p.Initial,
		IsContact: p.Contact, IsFriend: p.Friend, Active: p.Active,
	}
}
