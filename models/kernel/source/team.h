// A few threads that run the same function together and meet at barriers.
//
// A step has some thirty barriers in half a millisecond, so waiting spins; a thread that waits long gives its
// time away, and sleeps when no step follows soon: a busy machine is not held up by waiting. Between the steps of
// an answer it stays awake, also while a draft model runs on the caller's thread alone: to wake it takes some 15
// microseconds, and longer the deeper its core sleeps, where a small model's step takes 150.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
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
    static constexpr auto LINGERING = std::chrono::microseconds(500);  // awake for the next step

    void announce() {
        ticket_.fetch_add(1, std::memory_order_release);
        ticket_.notify_all();
    }

    // Stay awake until the next ticket, but not long.
    void linger(uint32_t seen) const {
        for (int turns = 0; turns < PATIENCE; turns++) {
            if (ticket_.load(std::memory_order_acquire) != seen) return;
            pause_briefly();
        }
        const auto until = std::chrono::steady_clock::now() + LINGERING;
        while (ticket_.load(std::memory_order_acquire) == seen && std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
    }

    void serve(int rank) {
        uint32_t seen = 0;
        for (;;) {
            linger(seen);
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

// Whether a step should be shared out: not while other programs take the threads' cores so often that the
// others wait for one of them longer than the work takes it alone. Both ways are timed, the worse one rarely.
class Sharing {
public:
    // Whether to share out the next step.
    bool next() {
        const bool other = mean_[!shares_] == 0.0 || since_ >= patience_;
        return other ? !shares_ : shares_;
    }

    // Learn from a step of this width after so many tokens of context, shared out or not.
    void note(bool shared, int width, int context, double seconds) {
        const double amount = 1.0 + 0.4 * width + width * context / 4000.0;  // of work, in rough proportion
        double& mean = mean_[shared];
        const double time = seconds / amount;
        if (shared != shares_) {
            const bool wins = time < mean_[shares_];
            patience_ = wins ? SHORTEST : std::min(2 * patience_, LONGEST);
            since_ = 0;
        } else {
            if (mean > 0.0 && time > 3.0 * mean) patience_ = std::min(patience_, SHORTEST);
            since_++;
        }
        mean = mean > 0.0 ? mean + (time - mean) / 8.0 : time;
        if (mean_[!shares_] > 0.0 && mean_[!shares_] < mean_[shares_]) {
            shares_ = !shares_;
            since_ = 0;
        }
    }

private:
    static constexpr int SHORTEST = 16, LONGEST = 512;  // steps between two looks at the other way
    bool shares_ = true;
    int since_ = 0, patience_ = SHORTEST;
    double mean_[2] = {};  // seconds for an amount of work, alone and shared out; 0: not known
};

}  // namespace paceline
