package dwollatest

import (
	"fmt"
	"time"
)

const (
	kbaTime    = 2 * time.Minute // from the moment that the questions are read
	kbaCorrect = 3               // of four
)

// The answers that are right in the sandbox.
const (
	noneOfThese  = "None of the above"
	neverVehicle = "I have never been associated with this vehicle"
)

// A kbaSession is the single set of identity questions of a Customer.
type kbaSession struct {
	id        string
	customer  *customer
	questions []kbaQuestion
	read      time.Time // zero until then
	over      bool
}

type kbaQuestion struct {
	id, text string
	answers  []kbaAnswer
}

type kbaAnswer struct {
	id, text string
	right    bool
}

func (st *state) createCustomerKba(req *request) (result, error) {
	k, err := st.customer(req)
	if err != nil {
		return result{}, err
	}
	if k.status != kbaNeeded || k.kba != nil {
		return result{}, invalidState("The Customer cannot start identity questions.")
	}
	k.kba = &kbaSession{id: st.ids.uuid(), customer: k, questions: st.askQuestions()}
	st.kbaByID[k.kba.id] = k.kba
	return created("/kba/" + k.kba.id)
}

func (st *state) askQuestions() []kbaQuestion {
	texts := []struct {
		question string
		wrong    []string
		right    string
	}{
		{"Which of these counties have you lived in?", []string{"Harlan", "Teton", "Marion", "Essex"}, noneOfThese},
		{"Which of these streets have you lived on?", []string{"Mill Lane", "Bay Road", "Elm Court", "Hill Street"}, noneOfThese},
		{"Which of these employers do you know?", []string{"Corner Bakery", "North Rail", "Lakeside Clinic", "Tin Works"}, noneOfThese},
		{"In which state was your 2004 van registered?", []string{"Ohio", "Texas", "Maine", "Utah"}, neverVehicle},
	}
	out := make([]kbaQuestion, 0, len(texts))
	for _, t := range texts {
		q := kbaQuestion{id: st.ids.digits(10), text: t.question}
		for _, wrong := range t.wrong {
			q.answers = append(q.answers, kbaAnswer{id: st.ids.digits(10), text: wrong})
		}
		q.answers = append(q.answers, kbaAnswer{id: st.ids.digits(10), text: t.right, right: true})
		out = append(out, q)
	}
	return out
}

// getKba starts the time limit of the answers.
func (st *state) getKba(req *request) (result, error) {
	s, err := st.kbaSession(req)
	if err != nil {
		return result{}, err
	}
	if s.read.IsZero() {
		s.read = st.now
	}
	questions := make([]jsonObject, 0, len(s.questions))
	for _, q := range s.questions {
		answers := make([]jsonObject, 0, len(q.answers))
		for _, a := range q.answers {
			answers = append(answers, jsonObject{"id": a.id, "text": a.text})
		}
		questions = append(questions, jsonObject{"id": q.id, "text": q.text, "answers": answers})
	}
	return ok(jsonObject{"_links": links{"answer": req.hal.link(req.path)}, "id": s.id, "questions": questions})
}

// kbaSession finds the session of the path, which must not be over.
func (st *state) kbaSession(req *request) (*kbaSession, error) {
	s := st.kbaByID[req.id]
	if s == nil {
		return nil, notFound("Kba")
	}
	if s.over || !s.read.IsZero() && st.now.Sub(s.read) > kbaTime {
		return nil, invalidState("The session is no longer valid.")
	}
	return s, nil
}

// kbaRequest is the body of verifyKba.
type kbaRequest struct {
	Answers []struct {
		QuestionID string `json:"questionId"`
		AnswerID   string `json:"answerId"`
	} `json:"answers"`
}

func (st *state) verifyKba(req *request, in kbaRequest) (result, error) {
	s, err := st.kbaSession(req)
	if err != nil {
		return result{}, err
	}
	correct := 0
	for i, given := range in.Answers {
		right, known := s.correct(given.QuestionID, given.AnswerID)
		if !known {
			return result{}, validationError(invalid(fmt.Sprintf("/answers/%d", i), "The question has no such answer."))
		}
		if right {
			correct++
		}
	}
	s.over = true
	k := s.customer
	if correct >= kbaCorrect {
		st.emit(k.event("kba_verification_passed"))
		st.setVerification(k, verified)
	} else {
		st.emit(k.event("kba_verification_failed"))
		k.documents.person = true
		st.setVerification(k, document)
	}
	return ok(jsonObject{"_links": links{"customer": req.hal.link(k.path())}, "verificationStatus": k.kbaOutcome()})
}

// kbaOutcome is the verificationStatus of the answer; only "verified" is documented.
func (k *customer) kbaOutcome() string {
	if k.status == verified {
		return verified
	}
	return unverified
}

func (s *kbaSession) correct(question, answer string) (right, known bool) {
	for _, q := range s.questions {
		if q.id != question {
			continue
		}
		for _, a := range q.answers {
			if a.id == answer {
				return a.right, true
			}
		}
	}
	return false, false
}
