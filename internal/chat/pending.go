package chat

import (
	"context"
	"encoding/json"
)

func (s *Service) Authenticate(ctx context.Context, token, appKey string) (Identity, error) {
	return Identity{}, ErrInternal
}

func (s *Service) AuthenticateApp(ctx context.Context, key, secret string) (Application, error) {
	return Application{}, ErrInternal
}

func (s *Service) IssueToken(ctx context.Context, t NewToken) (string, Token, error) {
	return "", Token{}, ErrInternal
}

func (s *Service) Tokens(ctx context.Context, a AccountID) ([]Token, error) {
	return nil, ErrInternal
}

func (s *Service) RevokeToken(ctx context.Context, id SessionID) error {
	return ErrInternal
}

func (s *Service) RevokeTokens(ctx context.Context, a AccountID) error {
	return ErrInternal
}

func (s *Service) SendMessage(ctx context.Context, by Actor, to AccountID, d Draft) (Receipt, error) {
	return Receipt{}, ErrInternal
}

func (s *Service) SendGroupMessage(ctx context.Context, by Actor, to GroupID, d Draft) (Receipt, error) {
	return Receipt{}, ErrInternal
}

func (s *Service) SendSystemMessage(ctx context.Context, app AppID, to GroupID, text string) (Receipt, error) {
	return Receipt{}, ErrInternal
}

func (s *Service) WithdrawMessage(ctx context.Context, by Actor, to AccountID, id MessageID) (Posted, error) {
	return Posted{}, ErrInternal
}

func (s *Service) WithdrawGroupMessage(ctx context.Context, by Actor, g GroupID, id MessageID) (Posted, error) {
	return Posted{}, ErrInternal
}

func (s *Service) HearVoice(ctx context.Context, by Actor, id MessageID) error {
	return ErrInternal
}

func (s *Service) CurrentChat(ctx context.Context, by Actor, id string) (ChatRef, bool, error) {
	return ChatRef{}, false, ErrInternal
}

func (s *Service) UnreadCounts(ctx context.Context, a AccountID) (UnreadCounts, error) {
	return UnreadCounts{}, ErrInternal
}

func (s *Service) UnreadTotals(ctx context.Context, a AccountID) (UnreadTotals, error) {
	return UnreadTotals{}, ErrInternal
}

func (s *Service) InboxUnread(ctx context.Context, a AccountID) ([]InboxUnread, error) {
	return nil, ErrInternal
}

func (s *Service) ClearUnread(ctx context.Context, by Actor, ref ChatRef) error {
	return ErrInternal
}

func (s *Service) ClearAllUnread(ctx context.Context, by Actor) error {
	return ErrInternal
}

func (s *Service) RemoveSession(ctx context.Context, by Actor, ref ChatRef) error {
	return ErrInternal
}

func (s *Service) SetSticky(ctx context.Context, by Actor, ref ChatRef, top bool) error {
	return ErrInternal
}

func (s *Service) SetSilence(ctx context.Context, by Actor, t SessionType, silent bool) error {
	return ErrInternal
}

func (s *Service) Operate(ctx context.Context, by Actor, payload json.RawMessage) error {
	return ErrInternal
}

func (s *Service) Shake(ctx context.Context, by Actor, to AccountID) error {
	return ErrInternal
}

func (s *Service) ShakeGroup(ctx context.Context, by Actor, g GroupID, to []AccountID, all bool, id MessageID) error {
	return ErrInternal
}

func (s *Service) ClearNotification(ctx context.Context, by Actor, c Category, value int64, clear bool) error {
	return ErrInternal
}

func (s *Service) ChatList(ctx context.Context, a AccountID, offset, limit int) ([]ChatRow, error) {
	return nil, ErrInternal
}

func (s *Service) History(ctx context.Context, reader AccountID, ref ChatRef, q HistoryQuery) ([]Posted, error) {
	return nil, ErrInternal
}

func (s *Service) HistoryAround(ctx context.Context, reader AccountID, ref ChatRef, id MessageID, size int) ([]Posted, error) {
	return nil, ErrInternal
}

func (s *Service) FilesAround(ctx context.Context, reader AccountID, ref ChatRef, id MessageID, dir, size int) ([]Posted, error) {
	return nil, ErrInternal
}

func (s *Service) Message(ctx context.Context, reader AccountID, id MessageID) (Posted, error) {
	return Posted{}, ErrInternal
}

func (s *Service) CreateAccount(ctx context.Context, a Account) (Account, error) {
	return Account{}, ErrInternal
}

func (s *Service) UpdateAccount(ctx context.Context, id AccountID, p AccountPatch) (Account, error) {
	return Account{}, ErrInternal
}

func (s *Service) Account(ctx context.Context, id AccountID) (Account, error) {
	return Account{}, ErrInternal
}

func (s *Service) Accounts(ctx context.Context, after AccountID, limit int) ([]Account, error) {
	return nil, ErrInternal
}

func (s *Service) CreateOrganization(ctx context.Context, o Organization) (Organization, error) {
	return Organization{}, ErrInternal
}

func (s *Service) UpdateOrganization(ctx context.Context, id OrganizationID, name string) (Organization, error) {
	return Organization{}, ErrInternal
}

func (s *Service) DeleteOrganization(ctx context.Context, id OrganizationID) error {
	return ErrInternal
}

func (s *Service) Organization(ctx context.Context, id OrganizationID) (Organization, error) {
	return Organization{}, ErrInternal
}

func (s *Service) Organizations(ctx context.Context, after OrganizationID, limit int) ([]Organization, error) {
	return nil, ErrInternal
}

func (s *Service) AddToOrganization(ctx context.Context, id OrganizationID, accounts []AccountID) error {
	return ErrInternal
}

func (s *Service) RemoveFromOrganization(ctx context.Context, id OrganizationID, a AccountID) error {
	return ErrInternal
}

func (s *Service) OrganizationMembers(ctx context.Context, id OrganizationID, after AccountID, limit int) ([]Account, error) {
	return nil, ErrInternal
}

func (s *Service) Befriend(ctx context.Context, a, b AccountID) error {
	return ErrInternal
}

func (s *Service) Unfriend(ctx context.Context, a, b AccountID) error {
	return ErrInternal
}

func (s *Service) Friends(ctx context.Context, of, after AccountID, limit int) ([]Account, error) {
	return nil, ErrInternal
}

func (s *Service) Contacts(ctx context.Context, of AccountID, query string, offset, limit int) ([]Account, error) {
	return nil, ErrInternal
}

func (s *Service) CreateApplication(ctx context.Context, a Application) (Application, error) {
	return Application{}, ErrInternal
}

func (s *Service) UpdateApplication(ctx context.Context, a Application) error {
	return ErrInternal
}

func (s *Service) Applications(ctx context.Context) ([]Application, error) {
	return nil, ErrInternal
}

func (s *Service) Application(ctx context.Context, id AppID) (Application, error) {
	return Application{}, ErrInternal
}

func (s *Service) ApplicationByKey(ctx context.Context, key string) (Application, error) {
	return Application{}, ErrInternal
}

func (s *Service) CreateGroup(ctx context.Context, by Actor, n NewGroup) (Group, error) {
	return Group{}, ErrInternal
}

func (s *Service) Group(ctx context.Context, id GroupID) (Group, error) {
	return Group{}, ErrInternal
}

func (s *Service) GroupMembers(ctx context.Context, id GroupID, after AccountID, limit int) ([]GroupMember, error) {
	return nil, ErrInternal
}

func (s *Service) GroupsOf(ctx context.Context, a AccountID) ([]GroupSubscription, error) {
	return nil, ErrInternal
}

func (s *Service) GroupMember(ctx context.Context, id GroupID, a AccountID) (GroupMember, error) {
	return GroupMember{}, ErrInternal
}

func (s *Service) UpdateGroup(ctx context.Context, by Actor, id GroupID, p GroupPatch) (Group, error) {
	return Group{}, ErrInternal
}

func (s *Service) AddGroupMembers(ctx context.Context, by Actor, id GroupID, accounts []AccountID) ([]GroupMember, error) {
	return nil, ErrInternal
}

func (s *Service) RemoveGroupMember(ctx context.Context, by Actor, id GroupID, a AccountID) error {
	return ErrInternal
}

func (s *Service) LeaveGroup(ctx context.Context, by Actor, id GroupID) error {
	return ErrInternal
}

func (s *Service) DissolveGroup(ctx context.Context, by Actor, id GroupID) error {
	return ErrInternal
}

func (s *Service) SetGroupAdmin(ctx context.Context, by Actor, id GroupID, a AccountID, admin bool) error {
	return ErrInternal
}

func (s *Service) BanSpeak(ctx context.Context, by Actor, id GroupID, banned bool) error {
	return ErrInternal
}

func (s *Service) SetGroupPush(ctx context.Context, by Actor, id GroupID, push bool) error {
	return ErrInternal
}

func (s *Service) Notify(ctx context.Context, n NewNotification) (Notification, int, error) {
	return Notification{}, 0, ErrInternal
}

func (s *Service) Notifications(ctx context.Context, a AccountID, c Category, before int64, limit int) ([]Notification, error) {
	return nil, ErrInternal
}

func (s *Service) Replay(ctx context.Context, app AppID, key string) (Replay, bool, error) {
	return Replay{}, false, ErrInternal
}

func (s *Service) SaveReplay(ctx context.Context, app AppID, key string, r Replay) error {
	return ErrInternal
}
