// The C interface: models and a team are made once, a step or a draft of several steps is one call.
#include "decoder.h"

using namespace paceline;

#pragma GCC visibility push(default)
extern "C" {

int paceline_widest() { return WIDEST; }
int paceline_lanes() { return LANES; }
int paceline_pairs() { return PAIRED<BFloat16>; }
int paceline_widest_head() { return WIDEST_HEAD; }
int paceline_most_sharing() { return MOST_SHARING; }

void* paceline_team_new(int size) { return new Team(size); }
void paceline_team_free(void* team) { delete static_cast<Team*>(team); }

void* paceline_decoder_new(const Shape* shape, const Layer* layers, void* team) {
    return new Decoder(*shape, layers, *static_cast<Team*>(team));
}
void paceline_decoder_free(void* decoder) { delete static_cast<Decoder*>(decoder); }

void paceline_step(void* decoder, const Task* task) { static_cast<Decoder*>(decoder)->step(*task); }

// Up to `count` greedy steps, each feeding the next; ends early after a token with which the probability of
// all so far falls below `least`. Returns the number of tokens chosen.
int paceline_draft(void* decoder, const Task* task, int count, float least) {
    Task next = *task;
    float log_probability = 0.0f;
    const float floor = std::log(least);
    for (int done = 1; done <= count; done++) {
        static_cast<Decoder*>(decoder)->step(next);
        log_probability += next.choices->log_probability;
        if (log_probability < floor) return done;
        next.start += next.width;
        next.tokens = &next.choices->token;
        next.width = 1;
        next.choices++;
    }
    return count;
}

}
#pragma GCC visibility pop
