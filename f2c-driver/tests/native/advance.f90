program p
  character(len=20) :: s
  character(len=1) :: c
  integer :: n, ios
  open(10, file='adv.txt', status='replace')
  write(10,'(a)',advance='no') 'ab'
  write(10,'(i3)',advance='no') 12
  write(10,'(a)') 'end'
  write(10,'(a)') 'second'
  rewind 10
  do
    read(10,'(a1)',advance='no',iostat=ios,size=n) c
    if (ios /= 0) exit
    print *, c, n
  end do
  print *, ios, is_iostat_eor(ios), is_iostat_end(ios)
  read(10,'(a)',advance='no',eor=20,size=n) s
  print *, 'not here'
20 print *, 'eor', n
  read(10,'(a)',advance='no',end=30,iostat=ios) s
  print *, ios
30 print *, 'done'
  close(10,status='delete')
  write(*,'(a)',advance='no') 'prompt> '
  write(*,'(a)') 'answer'
  call unfinished
end program
subroutine unfinished
  character(10) :: s, t
  integer :: i, k
  open(10, file='advnl.txt')
  write(10,'(a)',advance='no') 'abc'
  close(10)
  open(10, file='advnl.txt')
  read(10,'(a)') s
  print *, s
  read(10,'(a)',iostat=i) s
  print *, i
  rewind 10
  write(10,'(a)',advance='no') 'abc'
  write(10,*) 1, 2
  write(10,'(i3)',advance='no') 5
  rewind 10
  do k = 1, 3
  read(10,'(a)', iostat=i) s
  print *, i, s
  end do
  rewind 10
  read(10,'(a2)',advance='no') s
  read(10,'(a)') t
  print *, s, t
  read(10,'(i3)',advance='no', iostat=i) k
  print *, i, k
  read(10,'(i3)',advance='no', iostat=i) k
  print *, i
  close(10, status='delete')
end subroutine
