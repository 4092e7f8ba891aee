// A few threads that run the same function together and meet at barriers.
//
// A step has some thirty barriers in half a millisecond, so waiting spins; a thread that waits long gives its
// time away, and between steps it sleeps: a busy machine is not held up by waiting.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace paceline {

inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

class Team {
public:
    explicit Team(int size) : size_(size), active_(size) {
        for (int rank = 1; rank < size; rank++) threads_.emplace_back([this, rank] { serve(rank); });
    }

    ~Team() {
        over_ = true;
        announce();
        for (auto& thread : threads_) thread.join();
    }

    int size() const { return size_; }
    int active() const { return active_; }

    // Run work(rank) on every thread, or on the caller's alone, which is rank 0; return when all have ended.
    void run(bool together, const std::function<void(int)>& work) {
        active_ = together ? size_ : 1;
        if (active_ == 1) return work(0);
        work_ = &work;
        announce();
        work(0);
        meet();
    }

    // Wait until all have come here; what was written before is then seen by all.
    void meet() {
        if (active_ == 1) return;
        const uint32_t phase = phase_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) == size_ - 1) {
            arrived_.store(0, std::memory_order_relaxed);
            phase_.store(phase + 1, std::memory_order_release);
            return;
        }
        for (int turns = 0; phase_.load(std::memory_order_acquire) == phase; turns++) {
            if (turns < PATIENCE) pause_briefly();
            else std::this_thread::yield();
        }
    }

    // The share of `count` items that belongs to `rank`, in whole groups of `group`.
    std::pair<int, int> share(int rank, int count, int group) const {
        const int groups = (count + group - 1) / group;
        const int first = int(int64_t(groups) * rank / active_), last = int(int64_t(groups) * (rank + 1) / active_);
        return {std::min(first * group, count), std::min(last * group, count)};
    }

private:
    static constexpr int PATIENCE = 2000;   // turns of spinning at a barrier, some 20 to 80 microseconds
    static constexpr int LINGERING = 4000;  // turns of spinning for the next step

    void announce() {
        ticket_.fetch_add(1, std::memory_order_release);
        ticket_.notify_all();
    }

    void serve(int rank) {
        uint32_t seen = 0;
        for (;;) {
            for (int turns = 0; turns < LINGERING && ticket_.load(std::memory_order_acquire) == seen; turns++)
                pause_briefly();
            ticket_.wait(seen, std::memory_order_acquire);
            seen++;
            if (over_) return;
            (*work_)(rank);
            meet();
        }
    }

    const int size_;
    int active_;
    std::vector<std::thread> threads_;
    const std::function<void(int)>* work_ = nullptr;
    std::atomic<bool> over_{false};
    alignas(64) std::atomic<uint32_t> ticket_{0};
    alignas(64) std::atomic<int> arrived_{0};
    alignas(64) std::atomic<uint32_t> phase_{0};
};

// Whether a step should be shared out: not for a while after other programs have taken a thread's core,
// when the others would wait for it longer than the work takes one of them.
class Busyness {
public:
    bool together() const { return alone_ == 0; }

    // Learn from a step of this width, after so many tokens of context, that was shared out or not.
    void note(bool together, int width, int context, double seconds) {
        if (!together) {
            alone_--;
            return;
        }
        double& usual = usual_[std::min(width, WIDTHS - 1)][std::min(context / TIER, TIERS - 1)];
        const bool held_up = usual > 0 && seconds > 2.5 * usual + 2e-5;
        usual = usual > 0 ? std::min(usual * 1.01, seconds) : seconds;
        strikes_ = held_up ? strikes_ + 2 : std::max(0, strikes_ - 1);
        if (strikes_ >= 4) {
            alone_ = rest_;
            rest_ = std::min(2 * rest_, LONGEST_REST);
            strikes_ = 2;
        } else if (strikes_ == 0) {
            rest_ = SHORTEST_REST;
        }
    }

private:
    static constexpr int SHORTEST_REST = 32, LONGEST_REST = 1024;  // steps
    static constexpr int WIDTHS = 65, TIER = 128, TIERS = 64;
    std::array<std::array<double, TIERS>, WIDTHS> usual_{};  // seconds
    int alone_ = 0, strikes_ = 0, rest_ = SHORTEST_REST;
};

}  // namespace paceline
