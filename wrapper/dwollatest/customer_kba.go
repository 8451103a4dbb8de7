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

// kbaSession is the single set of identity questions of a Customer.
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

func (w *world) createCustomerKba(c *call) (reply, error) {
	k, err := w.customer(c)
	if err != nil {
		return reply{}, err
	}
	if k.status != kbaNeeded || k.kba != nil {
		return reply{}, invalidState("The Customer cannot start identity questions.")
	}
	k.kba = &kbaSession{id: w.ids.uuid(), customer: k, questions: w.askQuestions()}
	w.kbaByID[k.kba.id] = k.kba
	return created("/kba/" + k.kba.id)
}

func (w *world) askQuestions() []kbaQuestion {
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
		q := kbaQuestion{id: w.ids.digits(10), text: t.question}
		for _, wrong := range t.wrong {
			q.answers = append(q.answers, kbaAnswer{id: w.ids.digits(10), text: wrong})
		}
		q.answers = append(q.answers, kbaAnswer{id: w.ids.digits(10), text: t.right, right: true})
		out = append(out, q)
	}
	return out
}

// getKba starts the clock for the answers.
func (w *world) getKba(c *call) (reply, error) {
	s, err := w.kbaSession(c)
	if err != nil {
		return reply{}, err
	}
	if s.read.IsZero() {
		s.read = w.now
	}
	questions := make([]object, 0, len(s.questions))
	for _, q := range s.questions {
		answers := make([]object, 0, len(q.answers))
		for _, a := range q.answers {
			answers = append(answers, object{"id": a.id, "text": a.text})
		}
		questions = append(questions, object{"id": q.id, "text": q.text, "answers": answers})
	}
	return ok(object{"_links": links{"answer": c.hal.link(c.path)}, "id": s.id, "questions": questions})
}

// kbaSession finds the session of the path, which must not be over.
func (w *world) kbaSession(c *call) (*kbaSession, error) {
	s := w.kbaByID[c.id]
	if s == nil {
		return nil, notFound("Kba")
	}
	if s.over || !s.read.IsZero() && w.now.Sub(s.read) > kbaTime {
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

func (w *world) verifyKba(c *call, in kbaRequest) (reply, error) {
	s, err := w.kbaSession(c)
	if err != nil {
		return reply{}, err
	}
	correct := 0
	for i, given := range in.Answers {
		right, known := s.judge(given.QuestionID, given.AnswerID)
		if !known {
			return reply{}, validationError(invalid(fmt.Sprintf("/answers/%d", i), "The question has no such answer."))
		}
		if right {
			correct++
		}
	}
	s.over = true
	k := s.customer
	if correct >= kbaCorrect {
		w.raise(k.about("kba_verification_passed"))
		w.conclude(k, verified)
	} else {
		w.raise(k.about("kba_verification_failed"))
		k.documents.person = true
		w.conclude(k, document)
	}
	return ok(object{"_links": links{"customer": c.hal.link(k.path())}, "verificationStatus": k.kbaOutcome()})
}

// kbaOutcome is how the answer to the questions words the new state; only "verified" is documented.
func (k *customer) kbaOutcome() string {
	if k.status == verified {
		return verified
	}
	return unverified
}

func (s *kbaSession) judge(question, answer string) (right, known bool) {
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
